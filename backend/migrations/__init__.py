"""Alembic: every change of the schema, in order. `env.py` may import every room's tables; nothing else here knows a room."""
