"""The one script Streamlit runs. It lives apart from `pages/`, which Streamlit would take for its own kind of pages."""
