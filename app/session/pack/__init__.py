"""A pack: a finished session as one file, to be sent to somebody and opened there by any command that takes a session.

It is a ZIP file, since everybody has a program that lists and opens one, and the standard library reads it: of all that
ZIP allows, only members of known names, flat, that are stored or deflated. Parquet files are compressed already and are
stored; the small texts are deflated. So whatever a pack comes to when it is opened is no more than its own size and
`members.MOST_DEFLATED_BYTES`, and no pack is a bomb.

Opening checks the directory of the file first (`directory`), then copies the members into a private cache folder that
is named by the SHA-256 of the pack (`cache`). A copy and not reading in place: Polars scans files, and three processes
read a session at once. The pack itself is only ever read. No member is executed, unpickled or trusted: what is in them
is read with the limits that hold for any session.
"""
