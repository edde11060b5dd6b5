"""Sentences that are meant for an automated reviewer, as patterns over folded text (`_text.folded`).

A blank in a pattern stands for whatever may part two words: blanks, line breaks with comment signs, quotes; not the end
of a sentence. Nothing repeats without a bound, so the time is linear in the text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_GAP = r"(?:(?:[^\w.!?;\\]|\\[nrt]?){1,80}+)"
BEFORE, AFTER = 400, 600
"""Characters before and after the first stem of a phrase within which all of it stands."""
_NEAR = r"[\s\S]{0,160}?\b"


@dataclass(frozen=True)
class Phrase:
    """One way to say it."""

    says: str
    """Completes "This text …"."""
    stems: frozenset[str]
    """One of these is in every match. They are looked for first, since that is fast."""
    pattern: str
    """Compiled when it is first needed: most changes have none of the stems."""
    opening: str = ""
    """What every match begins with, where that is far quicker to compile, and rare: looked for before the pattern."""


@dataclass(frozen=True)
class Place:
    """The lines on which a text says it."""

    line: int
    end_line: int
    says: str
    words: str
    """What it says, on one line."""


def places(text: str, phrases: Sequence[Phrase]) -> Iterator[Place]:
    """Where a folded text says one of these. What it forbids, or says that others do, does not count."""
    is_ascii = text.isascii()
    stems = frozenset[str]().union(*(phrase.stems for phrase in phrases))
    present = {stem for stem in stems if (stem.isascii() or not is_ascii) and stem in text}
    for phrase in phrases:
        counted, line = 0, 1
        for begin, stop in _around(text, phrase.stems & present):
            if phrase.opening and not re.compile(phrase.opening).search(text, begin, stop):
                continue
            for match in re.compile(phrase.pattern).finditer(text, begin, stop):
                start, end = match.span()
                if _is_within_word(text, start) or _AVERSE.search(text[max(0, start - 80) : start]):
                    continue
                line += text.count("\n", counted, start)
                counted = start
                yield Place(line, line + text.count("\n", start, end), phrase.says, _plain(match[0]))


def _around(text: str, stems: Iterable[str]) -> Iterator[tuple[int, int]]:
    """The parts of the text that a phrase with one of these stems can lie in, apart from each other and in order."""
    found = sorted(match.start() for stem in stems for match in re.finditer(re.escape(stem), text))
    begin, stop = 0, 0
    for at in found:
        if at - BEFORE > stop:
            if stop:
                yield begin, stop
            begin = at - BEFORE
        stop = at + AFTER
    if stop:
        yield max(begin, 0), min(stop, len(text))


_AVERSE = re.compile(
    r"(?:\b(?:not|never|n?t|dont|cannot|nor|without|avoid)(?: (?:ever|to|just|simply|blindly|then))?[^\w.!?;:]{0,40}"
    r"|\b(?:we|they|it|who|which|models?|users?|attackers?|(?<!you )(?:will|would|may|might|can|could)|such as|like"
    r"|e\.g\.|(?:attempts?|try|tries|trying|tried|asking|telling|used|able|wants?) to)[^\w.!?;:\n]{1,40})\Z"
)
"""What stands before the words of one who forbids them, or tells of them."""


def _plain(text: str) -> str:
    """On one line, without comment signs and quotes."""
    return " ".join(word for word in text.translate(_QUOTES).split() if word.strip("-#*/|"))


_QUOTES = dict.fromkeys(map(ord, "\"'`\\"), " ")


def _is_within_word(text: str, at: int) -> bool:
    """Whether a word goes on here that began before; in Chinese every sign is a word."""
    return at > 0 and text[at].isascii() and text[at].isalnum() and (text[at - 1].isalnum() or text[at - 1] == "_")


def _phrase(says: str, stems: str, pattern: str, behind: str = "") -> Phrase:
    """A pattern of two parts is first looked for by its first one."""
    opening = pattern.replace(" ", _GAP)
    whole = opening + behind.replace(" ", _GAP)
    return Phrase(says, frozenset(stems.split(", ")), whole, opening if behind else "")


_SET_ASIDE = "tells its reader to set aside the instructions it was given"
_ROLE = "gives its reader another role"
_REVIEWER_TOLD = "tells an automated reviewer what to find"
_SUPPRESSED = "asks that something be left out of the review"
_RESULT = "gives out the result of the review"
_REVEALED = "asks its reader to give away what it must keep to itself"
_FENCE = "pretends that the text under review ends and another speaks"

_INSTRUCTIONS = r"(?:instructions?|directives?|guidelines?|prompt)\b"
_EARLIER = r"(?:previous|prior|above|preceding|earlier|foregoing|former|aforementioned)"
_SAFETY = r"(?:system|developer|safety|security|review|reviewer|user|given|of|the|your)"
_ALL = rf"(?:(?:all|any|every|each|of|the|those|these|your|my|our|and|or|both|{_EARLIER}) ){{0,6}}"

_MACHINE = (
    r"(?:ai|a i|llm|gpt|chatgpt|claude|gemini|copilot|codex|automated|automatic|language model|machine|bot)"
    r"(?: (?:based|powered|driven|assisted|code|data|security|pr|pull|request|language)){0,3}"
)
_CODE = r"(?:file|change|code|diff|pr|pull request|query)\b"
_REVIEWER = (
    rf"(?:{_MACHINE} (?:reviewers?|auditors?|review (?:bot|agent|assistant|tool|model|system)s?)\b"
    r"|review(?:er)? (?:bot|agent|ai|assistant|llm)s?\b"
    r"|(?:ai|llm|model|assistant|agent|claude|gpt|chatgpt|copilot|bot)s? (?:(?:that|who|which|is|are) ){0,2}"
    rf"review(?:s|ing)? (?:this|the) {_CODE})"
)
_READER = (
    r"(?:ais?|llms?|language models?|ai (?:model|assistant|agent|tool|system)s?|chatbots?|claude|gpt|chatgpt|copilot)\b"
)
_NOT = r"(?:do not|don t|dont|never|must not|should not|need not|no need to|refrain from|please avoid)"
_REPORT = r"(?:report|reporting|flag|flagging|mention|mentioning|raise|raising|comment on|surface|point out|bring up)\b"
_CHANGE = r"(?:pull requests?|merge requests?|prs?|mrs?|changes?|change ?sets?|diffs?|commits?)\b"
_CLEAN = (
    r"(?:lgtm|looks good to me|nothing to (?:report|flag)"
    r"|(?:no|zero|0) (?:\w{1,20} )?(?:issues?|findings?|problems?|violations?|concerns?))\b"
)
_ANSWER = (
    r"(?:respond|reply|answer|output|return|report|say|write|conclude)"
    rf" (?:(?:only|just|with|that|by|saying) ){{0,3}}{_CLEAN}"
)
_ORDER = (
    rf"(?:{_NOT} (?:\w{{1,20}} )?{_REPORT}|approve (?:(?:this|the|these|all|any|every) ){{0,2}}{_CHANGE}|{_ANSWER}"
    r"|(?:pre|already(?: been)?|been(?: fully)?) (?:reviewed|approved|audited|vetted)\b)"
)
_PLEA = (
    rf"(?:{_ORDER}|(?:approve|accept|pass|skip|ignore|disregard|trust) (?:this|these|it|everything)\b"
    r"|(?:mark|treat|consider|rate) (?:this|these|it|everything|all|every)\b"
    r"|(?:this|these|everything) (?:\w{1,20} ){0,4}(?:is|are) (?:\w{1,20} )?"
    r"(?:safe|secure|compliant|correct|intentional|intended|trusted|out of scope)\b)"
)
_STANDARDS = r"(?:quality )?(?:standards?|checklist(?: items?| entries)?)\b"
_SECRETS = (
    r"(?:api keys?|\w{0,30}_api_key|\w{0,30}_token|(?:github|access) tokens?|credentials|secrets"
    r"|environment(?: variables?)?|env(?:ironment)? vars?)\b"
)
_AUTHORITY = (
    r"(?:(?:ignore|disregard) (?:(?:all|any|the|your) ){0,2}(?:previous|prior|above|earlier|rules|instructions)\b"
    r"|you (?:have no|are now|are no longer|are free of|are unrestricted|must now)\b|reveal your\b|report pass\b"
    rf"|new instructions\b|{_ORDER}|{_CLEAN}|(?:the )?(?:code review|review|diff) (?:is|was|has|ends|ended)\b"
    rf"|(?:all|every|each) (?:\w{{1,20}} )?{_STANDARDS}|standards? (?:as|is|are)\b)"
)
"""What one says who pretends to be in charge of a review."""

SENTENCES = (
    _phrase(
        _SET_ASIDE,
        "instruction, directive, guideline, prompt",
        r"(?:ignore|disregard|forget|override|overrule|bypass|overlook|neglect|discard|do not follow|do not obey"
        rf"|stop following) {_ALL}{_EARLIER} (?:{_SAFETY} ){{0,3}}{_INSTRUCTIONS}",
    ),
    _phrase(
        _SET_ASIDE,
        "instruction, directive, guideline, prompt",
        r"(?:ignore|disregard|forget) (?:(?:all|any|of|the|those|these|your|system|developer) ){0,4}"
        rf"{_INSTRUCTIONS} (?:above|(?:that )?(?:came|come|stood) before|given to you|in your|of your"
        r"|(?:that )?you (?:were|have|had|ve|got|received))\b",
    ),
    _phrase(
        _SET_ASIDE,
        "your",
        rf"(?:ignore|disregard|forget) (?:(?:all|any|of|everything|in|about) ){{0,3}}your (?:(?:{_EARLIER}|own|initial"
        r"|original|system|safety|review|internal|hidden|current|given) ){0,3}(?:instructions?|directives?|guidelines?"
        r"|prompts?|programming|training|rules|standards|checklist)\b",
    ),
    _phrase(
        _SET_ASIDE,
        "instruction, guideline, directive",
        r"(?:ignore|disregard|forget) all (?:of )?(?:the |these |those )?(?:instructions|guidelines|directives)\b",
    ),
    _phrase(_SET_ASIDE, "system", r"(?:disregard|forget) (?:all of )?the system (?:prompt|message|instructions)\b"),
    _phrase(
        _SET_ASIDE,
        "forget",
        r"forget (?:everything|all|anything|whatever|what) (?:that )?"
        r"(?:you (?:were|have|ve|had|are|know|learned)|i (?:said|told))\b",
    ),
    _phrase(_SET_ASIDE, "your", r"your new (?:instructions|system prompt|guidelines) (?:is|are)\b"),
    _phrase(
        _SET_ASIDE,
        "anweisung, instruktion",
        r"(?:ignorier(?:e|en|t)?|vergiss|vergessen|missachten?|beachten?)"
        r" (?:(?:sie|bitte|alle|all|samtliche|saemtliche|die|deine|ihre|jede|nicht|und) ){0,5}"
        r"(?:vorherige|vorige|bisherige|obige|fruhere|fruehere|vorangegangene|vorangehende|vorstehende|obenstehende)"
        r"[nrs]? (?:anweisung|instruktion)(?:en)?\b",
    ),
    _phrase(
        _SET_ASIDE,
        "instruction, directive, consignes",
        r"(?:ignore[zr]?|oublie[zr]?|ne (?:tiens|tenez) pas compte) (?:(?:de|toutes?|les|tes|vos|des|ces|bien) ){0,4}"
        r"(?:instructions|consignes|directives) (?:precedentes?|anterieures?|ci dessus|(?:donnees? )?plus haut)\b",
    ),
    _phrase(
        _SET_ASIDE,
        "instrucciones, indicaciones",
        r"(?:ignor(?:a|e|ad|en|ar)|olvid(?:a|e|ad|en|ar)|descart(?:a|e|ar)|haz caso omiso)"
        r" (?:(?:de|a|todas?|las|los|tus|sus|estas|por|favor) ){0,5}"
        r"(?:instrucciones|indicaciones) (?:anteriores|previas|precedentes|de arriba)\b",
    ),
    _phrase(
        _SET_ASIDE,
        "忽略, 忽視, 忽视, 无视, 無視, 忘记, 忘記, 不要理会, 不要遵守",
        r"(?:忽略|忽視|忽视|无视|無視|忘记|忘記|不要理会|不要遵守)[^。!?;]{0,12}?"
        r"(?:之前|以前|以上|先前|上述|此前|前面|上面)[^。!?;]{0,8}?(?:指令|指示|提示|命令|要求)",
    ),
    _phrase(
        _ROLE,
        "are now, no longer",
        r"you are (?:now|no longer) (?:(?:a|an|the|my|our|called) ){1,2}(?:\w{1,20} ){0,5}?"
        r"(?:assistant\b(?! (?:manager|director|professor))|chatbot|language model|llm"
        r"|ai (?:model|assistant|agent|reviewer|system|bot)|ai\b(?! (?:engineer|expert|researcher|developer)))\b",
    ),
    _phrase(
        _ROLE,
        "are now",
        r"you are now (?:in |acting in |running in )?"
        r"(?:developer mode|god mode|dan mode|dan|jailbroken|unrestricted|unfiltered)\b",
    ),
    _phrase(
        _REVIEWER_TOLD,
        "review, model",
        rf"as an? {_MACHINE} (?:reviewer|review (?:bot|agent|assistant|tool|model)|model) you"
        r" (?:must|should|shall|need|have to|will|can|may|are (?:required|instructed|expected|obliged|to))\b",
    ),
    _phrase(_REVIEWER_TOLD, "review, auditor", _REVIEWER, _NEAR + _PLEA),
    _phrase(
        _REVIEWER_TOLD,
        "ai , ai:, llm, language model, chatbot, claude, gpt, copilot",
        r"(?:(?:notes?|message|instructions?|notice|hint|warning|request|reminder|memo|directive) (?:to|for)|dear"
        rf"|attention|hey|hello) (?:(?:the|any|all|every|future) ){{0,2}}{_READER}",
        _NEAR + _ORDER,
    ),
    _phrase(
        _SUPPRESSED,
        "review, pull request, checklist, findings",
        rf"{_NOT} (?:\w{{1,20}} )?(?:{_REPORT}|disclose|list|include) (?:(?:any|the|of|such|security|on) ){{0,3}}"
        r"(?:this|these|that|those|it|any|the|such|following|above|below)"
        r" (?:(?:following|above|below|hard|coded|hardcoded|missing|security|very) ){0,3}"
        r"(?:(?:issue|finding|line|file|change|problem|vulnerability|violation|code|defect|warning|credential|secret"
        r"|password|key|token|grant|function|macro|smell|bug)s? ){0,2}(?:(?:at all|again|anywhere|please|here) )?"
        r"(?:to|in|during|as part of) (?:(?:the|your|a|any|this|code|pr|ai|automated) ){0,3}"
        r"(?:code review|reviewers?|reviews?|pull request|pr comments?|checklist|findings)\b"
        r"(?! (?:table|queue|model|dashboard|period|meeting|board))",
    ),
    _phrase(
        _RESULT,
        "standard, checklist",
        r"(?:mark|report|rate|score|set|give|list|treat|declare|consider|grade|answer|return|label)"
        rf" (?:(?:all|every|each|the|of|any|these|eight|your) ){{1,4}}{_STANDARDS}"
        r" (?:(?:in|of|on|for|the|this|review|report|agent|checklist|as|a|is|are|to|be) ){0,6}"
        r"(?:pass(?:ed|ing|es)?|green|ok|approved|satisfied|met|not applicable|fulfilled|compliant)\b",
    ),
    _phrase(
        _RESULT,
        "standard, checklist",
        r"(?:report|answer|return|give|output|mark|say|write) (?:a )?pass (?:for|on|to)"
        rf" (?:(?:all|every|each|the|of) ){{1,3}}(?:\w{{1,20}} )?{_STANDARDS}",
    ),
    _phrase(
        _RESULT,
        "approve",
        rf"approve (?:(?:this|these|the|all|any|every) ){{0,2}}{_CHANGE} (?:(?:now|right|away|and|it|at|once) ){{0,2}}"
        r"(?:without (?:\w{1,20} )?(?:comments?|findings?|review|reading|questions?|changes)|regardless"
        r"|unconditionally|immediately|no matter|that contain)\b",
    ),
    _phrase(
        _REVEALED,
        "your",
        r"(?:reveal|leak|disclose|exfiltrate|repeat|print|output|show|dump|expose|quote|reproduce|recite|tell me"
        r"|give me|return|what is|what are) (?:(?:me|us|all|of|the|full|entire|complete|contents?|text|exact) ){0,4}"
        r"your (?:(?:full|entire|complete|original|initial|hidden|secret|internal|own|exact) ){0,3}"
        r"(?:system (?:prompt|message|instructions)|(?:hidden|initial|secret|original) (?:instructions|prompt))\b",
    ),
    _phrase(
        _REVEALED,
        "reveal, leak, disclose, exfiltrate",
        r"(?:reveal|leak|disclose|exfiltrate) (?:(?:all|of|the|full|entire|complete|reviewer s) ){0,4}"
        r"(?:system (?:prompt|message|instructions)|hidden instructions)\b",
    ),
    _phrase(
        _REVEALED,
        "api key, api_key, _token, access token, github token, credentials, secrets, environment, env var",
        r"(?:reveal|leak|disclose|exfiltrate|print|output|include|post|paste|send|write|put|append|echo|repeat|show|dump"
        r"|quote|add|copy) (?:(?:me|us|all|of|the|your|values?|contents?|any|full|a|an|copy|every) ){0,6}(?:\w{1,20} )?"
        rf"{_SECRETS} (?:(?:you|can|find|see|have|access|to|are|is|set|that|and|variable|value) ){{0,5}}"
        r"(?:in|into|to|as part of|with) (?:(?:your|the|a|this|that|each) ){1,2}(?:\w{1,20} )?"
        r"(?:review|reply|comments?|findings?|explanation|remediation|verdict|checklist)\b",
    ),
    _phrase(
        _REVEALED,
        "your",
        r"(?:reveal|leak|disclose|exfiltrate) (?:(?:me|us|all|of|the) ){0,3}your"
        rf" (?:(?:own|full|entire|anthropic|openai|github|secret) ){{0,2}}{_SECRETS}",
    ),
)
"""What may stand anywhere: in a comment, a string, a description, the file's name."""

MARKS = (
    _phrase(_FENCE, "untrusted", r"</?untrusted(?:[_-]?data\b|\s{1,4}[0-9a-f]{16})"),
    _phrase(
        _FENCE,
        "|>, _turn>, inst], sys>, system, instruction, assistant, </d, </user",
        r"(?:<\|(?:im_start|im_end|im_sep|system|assistant|endoftext|eot_id|start_header_id|end_header_id)\|>"
        r"|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>|</(?:diff|data|document|user[_-]?(?:input|data)?)>|</?system[_-](?:prompt|message|instructions?|reminder)>"
        r"|#{2,6}.?(?:system|(?:new )?instructions?)(?:.(?:prompt|message|override))?.?:|\[(?:system|assistant)\])",
        _NEAR + _AUTHORITY,
    ),
    _phrase(
        _FENCE,
        "system, end of",
        r"(?:(?:begin|end|start|new) (?:of )?(?:the )?system (?:prompt|message|instructions?|override)\b"
        r"|system (?:prompt )?override\b|end of (?:the )?(?:untrusted|user) (?:data|input|content)\b"
        r"|end of (?:the )?diff\b)",
        _NEAR + _AUTHORITY,
    ),
    _phrase(
        _FENCE,
        "system",
        r"(?:system(?: (?:note|message|notice))?:|</?system\b) (?:\w{1,20} )?",
        _AUTHORITY,
    ),
    _phrase(
        _RESULT,
        "verdict",
        r"(?:return|output|give|report|answer|respond with) (?:(?:a|the|with|only) ){0,2}"
        r"verdict[\s\"']{0,2}(?:[:=]|of|is|to|as)?[\s\"']{0,2}(?:approved?|pass(?:ed)?|clean)\b",
    ),
    _phrase(
        _REVEALED,
        "](http",
        r"!\[[^\]\n]{0,100}+\]\(https?://[^\s?)]{1,200}+\?[^)\n{<\[$]{1,200}+[{<\[$][^)\n]{0,80}?"
        r"(?:system|prompt|secrets?\b|api.?key|environ|env\b|conversation|instructions|credential)",
    ),
)
"""What only a machine would take for more than a text."""
