"""What a worker keeps of the ledger on another device than the database's (threat T6; 1.2 rule 7).

`place` tells whether it can be written, `copies` keeps entries, `reading` reads them again.
"""
