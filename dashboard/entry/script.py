"""The script Streamlit runs for each reader: language, the four pages, and the snapshot they are drawn from."""

from dashboard.frame import run

if __name__ == "__main__":  # so Streamlit runs it; whoever only imports it draws nothing
    run()
