"""The command line as shells complete it: scripts made of the parsers, so that no list is kept by hand.

A word after an option that takes one of a few words completes to these, the first word of a command that does so
likewise, a word with a dash to the command's options, everything else to files.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """An option: its spellings, its help, whether a value follows, and which values where they are few."""

    spellings: tuple[str, ...]
    help: str
    value: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """A command, or an action of one, with what may follow it.

    path : the words that lead here, none for `runoff` itself.  choices : of its first word, where they are few.
    below : the commands below it, with their help.  files : whether its words name files.
    """

    path: tuple[str, ...]
    options: tuple[Option, ...]
    choices: tuple[str, ...]
    below: tuple[tuple[str, str], ...]
    files: bool

    @property
    def name(self) -> str:
        """The path as one word of a script."""
        return " ".join(self.path)


def levels(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[Level]:
    """A parser's levels, itself first."""
    options: list[Option] = []
    first: tuple[str, ...] = ()
    below: list[tuple[str, str, argparse.ArgumentParser]] = []
    words = 0
    for action in parser._actions:  # argparse has no public list of them
        if isinstance(action, argparse._SubParsersAction):
            helps = {one.dest: one.help or "" for one in action._choices_actions}
            below = [(name, helps.get(name, ""), found) for name, found in action.choices.items()]
        elif action.option_strings:
            said = "" if action.help == argparse.SUPPRESS else _one_line(action.help or "")
            options.append(Option(tuple(action.option_strings), said, action.nargs != 0, _words(action)))
        else:
            first = _words(action) if not words else first
            words += 1
    kept = tuple((name, _one_line(said)) for name, said, _ in below)
    yield Level(path, tuple(options), first, kept, words > (1 if first else 0))
    for name, _, found in below:
        yield from levels(found, (*path, name))


def _words(action: argparse.Action) -> tuple[str, ...]:
    return tuple(str(choice) for choice in action.choices or ())


def _one_line(text: str) -> str:
    return " ".join(text.replace("%%", "%").split())


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """What a shell reads to complete `runoff`; shell : bash, zsh or fish."""
    makers = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    return makers[shell](list(levels(parser)))


_BASH = """\
# Completion of runoff for bash: eval "$(runoff completion bash)" in ~/.bashrc
_runoff() {{
    local word before= at= value= place=0 i
    local current=${{COMP_WORDS[COMP_CWORD]}}
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${{COMP_WORDS[i]}}
        if [[ -n $value ]]; then
            value=
            continue
        fi
        case "$at:$word" in
{values}
            *:-*) ;;
{commands}
            *) place=$((place + 1)) ;;
        esac
        before=$word
    done
    local words=
    if [[ -n $value ]]; then
        case "$at:$before" in
{choices}
        esac
    elif [[ $current == -* ]]; then
        case "$at" in
{options}
        esac
    elif [[ $place == 0 ]]; then
        case "$at" in
{first}
        esac
    fi
    local IFS=$' \\t\\n'
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o bashdefault -o default -F _runoff runoff
"""


def _bash(found: list[Level]) -> str:
    values, choices = [], []
    for level in found:
        for option in (option for option in level.options if option.value):
            for spelling in option.spellings:
                values.append(f'"{level.name}:{spelling}"')
                if option.choices:
                    choices.append(f'            "{level.name}:{spelling}") words="{" ".join(option.choices)}" ;;')
    below = [
        f'            "{level.name}:{name}") at="{" ".join((*level.path, name))}" place=0 ;;'
        for level in found
        for name, _ in level.below
    ]
    options = [
        f'            "{level.name}") words="{" ".join(word for one in level.options for word in one.spellings)}" ;;'
        for level in found
    ]
    first = [
        f'            "{level.name}") words="{" ".join(level.choices or [name for name, _ in level.below])}" ;;'
        for level in found
        if level.choices or level.below
    ]
    return _BASH.format(
        values=f"            {' | '.join(values)}) value=1 ;;",
        commands="\n".join(below),
        choices="\n".join(choices or ["            *) ;;"]),
        options="\n".join(options),
        first="\n".join(first),
    )


_ZSH = """\
#compdef runoff
# Completion of runoff for zsh: eval "$(runoff completion zsh)" in ~/.zshrc, after compinit
{functions}
compdef {first} runoff
"""


def _zsh(found: list[Level]) -> str:
    return _ZSH.format(functions="\n".join(_zsh_function(level) for level in found), first=_function(found[0]))


def _function(level: Level) -> str:
    return "_runoff" + "".join(f"_{word.replace('-', '_')}" for word in level.path)


def _zsh_function(level: Level) -> str:
    """A function that completes what follows a level's words."""
    specs = []
    for option in level.options:
        for spelling in option.spellings:
            value = ""
            if option.value:
                value = f":value:({' '.join(option.choices)})" if option.choices else ":value:_files"
            specs.append(shlex.quote(f"{spelling}[{_in_zsh(option.help)}]{value}"))
    if level.below:
        named = " ".join(shlex.quote(f"{name}:{_in_zsh(said)}") for name, said in level.below)
        cases = "\n".join(
            f"                {name}) {_function(level)}_{name.replace('-', '_')} ;;" for name, _ in level.below
        )
        return (
            f"{_function(level)}() {{\n    local line state\n    local -a commands=({named})\n"
            f"    _arguments -C {' '.join(specs)} '1:command:->command' '*::words:->words'\n"
            f"    case $state in\n        command) _describe command commands ;;\n"
            f"        words)\n            case $line[1] in\n{cases}\n            esac ;;\n    esac\n}}"
        )
    if level.choices:
        specs.append(shlex.quote(f"1:word:({' '.join(level.choices)})"))
    if level.files:
        specs.append("'*:file:_files'")
    return f"{_function(level)}() {{\n    _arguments {' '.join(specs)}\n}}"


def _in_zsh(text: str) -> str:
    """Help as a spec of _arguments has it."""
    return "".join(f"\\{sign}" if sign in "[]:\\" else sign for sign in text)


def _fish(found: list[Level]) -> str:
    lines = ["# Completion of runoff for fish: runoff completion fish > ~/.config/fish/completions/runoff.fish"]
    for level in found:
        here = _fish_condition(level)
        for name, said in level.below:
            lines.append(f"complete -c runoff -f {here} -a {name} -d {_in_fish(said)}")
        if level.choices:
            lines.append(f"complete -c runoff {here} -a {_in_fish(' '.join(level.choices))}")
        for option in level.options:
            spelled = " ".join(
                ("-l " if word.startswith("--") else "-s ") + word.lstrip("-") for word in option.spellings
            )
            value = f" -x -a {_in_fish(' '.join(option.choices))}" if option.choices else " -r" if option.value else ""
            lines.append(f"complete -c runoff {here} {spelled}{value} -d {_in_fish(option.help)}")
    return "\n".join(lines) + "\n"


def _fish_condition(level: Level) -> str:
    """Where a level's words stand: after its path, and before a word of what is below it."""
    seen = [f"__fish_seen_subcommand_from {word}" for word in level.path]
    if level.below:
        seen.append(f"not __fish_seen_subcommand_from {' '.join(name for name, _ in level.below)}")
    return f"-n {_in_fish('; and '.join(seen))}"


def _in_fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
