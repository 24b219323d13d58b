"""The script Streamlit runs for each reader: language, the four pages, and the snapshot they are drawn from."""

from dashboard.frame import run

run()
