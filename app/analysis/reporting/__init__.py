"""`benchtop report`: sessions as one document, written as a page that opens anywhere or as Markdown.

`command` reads sessions and asks the other parts for sections; sections are made of `blocks`, which hold texts as they
are; `page` and `markdown` write blocks down, and are the only places that escape.
"""
