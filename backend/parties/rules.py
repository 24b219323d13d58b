"""What is held when two callers come at once about who takes part, and who may come in."""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

ONE_FIRM_A_CODE = Rule(
    "one_firm_a_credit_code",
    Words("一个统一社会信用代码只对应一家企业", "a credit code is one firm; whoever is refused leaves nothing behind"),
    ("constraint uq_firms_uscc", "constraint uq_parties_code"),
    "tests/parties/test_joining.py",
)
ONE_PERSON_A_LOGIN = Rule(
    "one_person_a_login",
    Words("一个登录名只属于一个人", "a login is one person's, however it is typed"),
    ("constraint uq_users_login",),
    "tests/parties/test_joining.py",
)
ADMITTED_ONCE = Rule(
    "party_admitted_once",
    Words(
        "一个机构代码只准入一次，已有的机构不得由运营方添加人员", "a party is admitted once; nobody is added to one that is there"
    ),
    ("constraint uq_parties_code", "lock party"),
    "tests/parties/test_admission.py",
)
GUESS_COUNTED_FIRST = Rule(
    "guess_counted_first",
    Words("每次密码尝试先计数、后比对", "a guess is counted before its password is compared"),
    ("constraint pk_sign_in_guesses",),
    "tests/parties/test_guessing.py",
)
COLLEAGUE_ON_TWO_WORDS = Rule(
    "colleague_on_two_words",
    Words("新同事由一人邀请、另一位在职人员确认，一份邀请只用一次", "a colleague comes in on two people's word, once"),
    ("lock party",),
    "tests/parties/test_colleagues.py",
)
ONE_SECRET = Rule(
    "one_secret_a_bank",
    Words("银行系统同一时间只有一个有效密钥", "a bank's system has one secret, and the one before has ended"),
    ("lock party",),
    "tests/concurrency",
)
SIGNED_OUT = Rule(
    "signed_out",
    Words("会话结束后不再有效", "a session that has ended stays ended: the condition stands in the statement that ends it"),
    ("constraint pk_user_sessions",),
    "tests/portal",
)

RULES = (ONE_FIRM_A_CODE, ONE_PERSON_A_LOGIN, ADMITTED_ONCE, GUESS_COUNTED_FIRST, COLLEAGUE_ON_TWO_WORDS, ONE_SECRET, SIGNED_OUT)
