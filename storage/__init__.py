"""What is kept: tables, queries, transactions. Nothing outside sees a row."""
