"""Earlier states of drafts, kept beside the draft by the website ledger."""
