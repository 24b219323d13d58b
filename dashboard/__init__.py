"""The regulator's view of the platform: five pages drawn from one published snapshot.

Enters: `manifest.json` and the SQLite file it names, as `backend/reporting` published them; a reader's session cookie.
Leaves: pages in 简体中文 and English; for rows behind a figure, a call to the API with the reader's own token and purpose.
Always holds: nobody sees a byte without a session that the API confirms; a file that differs from its digest is not shown;
live tables are never read; no request leaves for anywhere but the API.
"""
