"""Settings of the documentation: Sphinx with Markdown (MyST). `make docs` builds it; nothing in it is loaded from elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]

from generated_pages import write_pages  # noqa: E402

project = "KaryoKit"
author = "The KaryoKit maintainers"
html_title = "KaryoKit"
html_theme = "furo"
html_show_sphinx = False
html_show_copyright = False
html_static_path = ["style"]
html_css_files = ["calm.css"]
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}
extensions = ["myst_parser"]
myst_heading_anchors = 3
myst_enable_extensions = ["attrs_inline"]
suppress_warnings = ["myst.header"]  # review.md has a second part, whose sections are of the third level

write_pages(HERE / "generated")
