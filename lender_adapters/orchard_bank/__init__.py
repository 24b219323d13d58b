"""果园农商银行: files with checksum trailers; one file in per deed, one file out per day."""
