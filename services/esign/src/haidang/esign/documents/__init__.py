"""Papers we typeset ourselves: typst templates and what fills them."""
