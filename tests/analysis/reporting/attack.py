"""What a stranger would put into a page: each of these says so in `window.pwned`, or asks somebody elsewhere."""

from __future__ import annotations

from typing import Final

MARKUP: Final = (
    "</script><script>window.pwned=1</script><img src=http://evil.example/x onerror=window.pwned=2>"
    '" onmouseover="window.pwned=3" x=\'"--><svg/onload=window.pwned=4><!--'
    "</style><style>@import 'http://evil.example/s'</style><a href='javascript:window.pwned=5'>a</a>"
    "<base href=http://evil.example/><meta http-equiv=refresh content=0;http://evil.example/>"
    "]]>&lt;b&gt;${window.pwned=6}{{window.pwned=7}}\\u003cscript>window.pwned=8</script>"
)
