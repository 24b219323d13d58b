"""钟楼银行: XML in GB18030 under a message authentication code; it never calls, it is asked."""
