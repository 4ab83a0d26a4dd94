"""Lists that the backend keeps in its code: directions, statuses, the default requirements."""

from typing import Any

STATUSES = ("VOLUNTEER", "TEAM_LEADER", "SUPERVISOR", "COORDINATOR")
# Russian and Kazakh, the ids count from 1.
DIRECTIONS = (
    ("Социальное волонтёрство", "Әлеуметтік волонтерлік"),
    ("Событийное волонтёрство", "Іс-шаралық волонтерлік"),
    ("Культурное волонтёрство", "Мәдени волонтерлік"),
    ("Медицинское волонтёрство", "Медициналық волонтерлік"),
    ("Экологическое волонтёрство", "Экологиялық волонтерлік"),
    ("Патриотическое волонтёрство", "Патриоттық волонтерлік"),
    ("Спортивное волонтёрство", "Спорттық волонтерлік"),
    ("Донорство", "Донорлық"),
    ("Поисковое волонтёрство", "Іздеу волонтерлігі"),
    ("Цифровое волонтёрство", "Цифрлық волонтерлік"),
)
# Name in both languages, then what it means.
DESCRIBED = (
    ("Волонтёр", "Волонтер", "Помогает на мероприятиях", "Іс-шараларда көмектеседі"),
    ("Тим-лидер", "Топ жетекшісі", "Ведёт группу волонтёров", "Волонтерлер тобын басқарады"),
    ("Супервайзер", "Супервайзер", "Следит за несколькими группами", "Бірнеше топты қадағалайды"),
    ("Координатор", "Координатор", "Отвечает за мероприятие целиком", "Бүкіл іс-шараға жауап береді"),
)
# Names here differ from those above; then the coins and what the status gives.
REQUIREMENTS = (
    ("Волонтер", "Волонтер", 0, "Участие в мероприятиях", "Іс-шараларға қатысу"),
    ("Тимлидер", "Топ жетекшісі", 150, "Сертификат, мерч", "Сертификат, мерч"),
    ("Супервайзер", "Супервайзер", 200, "Рекомендательное письмо", "Ұсыныс хат"),
    ("Координатор", "Үйлестіруші", 300, "Стажировка & поездки", "Тағылымдама & сапарлар"),
)


def directions() -> list[dict[str, Any]]:
    return [{"id": number, "name_ru": ru, "name_kz": kz} for number, (ru, kz) in enumerate(DIRECTIONS, 1)]


def status_info() -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "name_ru": name_ru,
            "name_kz": name_kz,
            "description_ru": description_ru,
            "description_kz": description_kz,
            "level": level,
        }
        for level, (code, (name_ru, name_kz, description_ru, description_kz)) in enumerate(
            zip(STATUSES, DESCRIBED, strict=True), 1
        )
    ]


def default_requirements() -> list[dict[str, Any]]:
    return [
        {
            "status": status,
            "title_ru": title_ru,
            "title_kz": title_kz,
            "level": level,
            "v_coins_required": coins,
            "benefits_ru": benefits_ru,
            "benefits_kz": benefits_kz,
        }
        for level, (status, (title_ru, title_kz, coins, benefits_ru, benefits_kz)) in enumerate(
            zip(STATUSES, REQUIREMENTS, strict=True), 1
        )
    ]
