"""`vigie doctor`: every credential and permission tried for real, and how to mend each. Nothing is sent or changed."""
