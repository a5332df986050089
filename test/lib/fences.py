"""Fenced blocks of documentation, and the commands in them."""
import re


def blocks(text):
    """(what stands behind the opening fence, body) of each block, in order; indented ones too."""
    for match in re.finditer(r"^( *)```([^\n]*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL):
        indent, info, body = match.groups()
        yield info.strip(), re.sub(f"^{indent}", "", body, flags=re.MULTILINE)


def commands(body):
    """The commands of a block for the shell: comments are left out, continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", body)
    return [line.split("  #")[0].strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]
