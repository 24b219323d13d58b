"""港湾银行: JSON, every request and answer signed, decisions and money by callback."""
