"""The reception: what visitors sent, from the edge's letterbox to the owner's list.

    office.py   Reception: takes letters in, hands them out, marks, erases, keeps the terms
    ledger.py   sealed rows; one key for each website, so that erasing is certain

What a form may ask and how it is judged is `forms` and `enquiries`; here letters are
only kept. Nothing is ever sent on from here.
"""
