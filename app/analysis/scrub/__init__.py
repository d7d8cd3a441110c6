"""A session without what says whose it is and where it was made: made of the types of its documents and tables.

Every text in a manifest or a table has a class (`classes`), which says what becomes of it; one that has none is treated
as free text. Names of hosts and users are collected from where they stand by themselves (`known`), then replaced
wherever they stand, beside whatever looks like a path, an address, a serial number (`replacing`). One name becomes one
token all over the session, so that what belonged together still does. At last all is searched once more (`sweep`).
"""
