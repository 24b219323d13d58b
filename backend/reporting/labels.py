"""What the cells are called: sections of GB/T 4754 (domain §2.3), kinds of firms, ages. Places show their code.

>>> label("industry", "C").en, label("firm_age", "3-5").zh, label("region", "330299").en, label("region", "999999").zh
('manufacturing', '3–5 年', 'Ningbo, Zhejiang 330299', '999999')
>>> section_of("C34"), section_of("3411"), section_of(None)
('C', 'C', 'unknown')
"""

from __future__ import annotations

from backend.kit.words import Words

UNKNOWN = Words("未知", "unknown")
# First division of each section of GB/T 4754-2017, and its name.
SECTIONS: tuple[tuple[int, str, Words], ...] = (
    (1, "A", Words("农、林、牧、渔业", "agriculture")),
    (6, "B", Words("采矿业", "mining")),
    (13, "C", Words("制造业", "manufacturing")),
    (44, "D", Words("电力、热力、燃气及水生产和供应业", "energy and water")),
    (47, "E", Words("建筑业", "construction")),
    (51, "F", Words("批发和零售业", "wholesale and retail")),
    (53, "G", Words("交通运输、仓储和邮政业", "transport and storage")),
    (61, "H", Words("住宿和餐饮业", "hotels and restaurants")),
    (63, "I", Words("信息传输、软件和信息技术服务业", "information technology")),
    (66, "J", Words("金融业", "finance")),
    (70, "K", Words("房地产业", "real estate")),
    (71, "L", Words("租赁和商务服务业", "business services")),
    (73, "M", Words("科学研究和技术服务业", "research and technical services")),
    (76, "N", Words("水利、环境和公共设施管理业", "environment and public facilities")),
    (80, "O", Words("居民服务、修理和其他服务业", "personal and repair services")),
    (83, "P", Words("教育", "education")),
    (84, "Q", Words("卫生和社会工作", "health and social work")),
    (86, "R", Words("文化、体育和娱乐业", "culture, sport and entertainment")),
    (91, "S", Words("公共管理、社会保障和社会组织", "public administration")),
    (97, "T", Words("国际组织", "international organisations")),
)
WORDS: dict[str, dict[str, Words]] = {
    "industry": {letter: words for _, letter, words in SECTIONS},
    "subject_type": {
        "enterprise": Words("企业", "enterprise"),
        "sole_trader": Words("个体工商户", "sole trader"),
        "cooperative": Words("农民专业合作社", "cooperative"),
    },
    "firm_age": {
        "0-1": Words("不足 1 年", "under 1 year"),
        "1-3": Words("1–3 年", "1–3 years"),
        "3-5": Words("3–5 年", "3–5 years"),
        "5-10": Words("5–10 年", "5–10 years"),
        "10+": Words("10 年以上", "10 years and more"),
    },
}
# Prefectures that the platform's cities lie in, by the first four digits of GB/T 2260; the full code stands beside the name.
PLACES = {
    "1303": Words("河北秦皇岛", "Qinhuangdao, Hebei"),
    "3302": Words("浙江宁波", "Ningbo, Zhejiang"),
    "3306": Words("浙江绍兴", "Shaoxing, Zhejiang"),
    "3602": Words("江西景德镇", "Jingdezhen, Jiangxi"),
    "4201": Words("湖北武汉", "Wuhan, Hubei"),
    "4206": Words("湖北襄阳", "Xiangyang, Hubei"),
    "4403": Words("广东深圳", "Shenzhen, Guangdong"),
    "4407": Words("广东江门", "Jiangmen, Guangdong"),
}


def label(dimension: str, cell: str) -> Words:
    """A cell's name in both languages."""
    if cell == "unknown":
        return UNKNOWN
    if dimension == "region" and cell[:4] in PLACES:
        place = PLACES[cell[:4]]
        return Words(f"{place.zh} {cell}", f"{place.en} {cell}")
    return WORDS.get(dimension, {}).get(cell, Words(cell, cell))


def section_of(industry: str | None) -> str:
    """The section letter of an industry code, given as `C34`, `34` or `3411`."""
    if not industry:
        return "unknown"
    if industry[0].isalpha():
        return industry[0].upper()
    division = int(industry[:2]) if industry[:2].isdigit() else 0
    return next((letter for first, letter, _ in reversed(SECTIONS) if division >= first), "unknown")
