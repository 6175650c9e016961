"""Lines that speak of licences as a failure does."""

_BENIGN = (
    r"licen[sc]ed (?:materials?|programs?|internal|under)",
    r"licen[sc]e (?:use )?management",
    r"(?:has|have|were|was) (?:been )?accepted",
    r"already accepted",
    r"agreements? accepted",
    r"accept(?:ing|ed)? (?:all )?(?:new )?licen[sc]es?(?: agreements?)?\??[ :=.]*yes",
    r"accept_licen[sc]es=yes",
)
_FILESET_ROW = r"[\w.+-]+ \d+(?:\.\d+){3}\b"
LICENCE = (
    rf"(?i)^(?!{_FILESET_ROW})(?!.*(?:{'|'.join(_BENIGN)}))(?:.*[^\w/.-])?licen[sc](?:es?|ing)\b(?!\.\w).*"
)
"""Other than banners, the lists of filesets (`bos.sysmgt.loginlic 7.2.5.100 # License Management`), paths,
and what was accepted."""
ANCHORS = ("licens", "licenc")
