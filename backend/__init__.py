"""CreditBridge 信桥: the platform's own rooms. The map is in README.md."""
