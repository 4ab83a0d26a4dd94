"""leisure: categories, galleries and the form updates, all without authentication (contract 2.8).

The form updates are the only way to upload a main photo; what is left out or empty stays as it is.
"""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile

from sandbox.crm.groups import files
from sandbox.crm.groups.files import absolute
from sandbox.crm.groups.leisure.kinds import PLACE, PROMO, TICKET, Kind
from sandbox.crm.groups.leisure.tables import LeisureCategory, Picture, PlacePicture, TicketPicture
from sandbox.crm.groups.leisure.values import as_column, columns_of
from sandbox.crm.groups.moderated import found
from sandbox.crm.room import Room, RoomDep
from sandbox.crm.store import utc_now

NO_CATEGORY = "Категория не найдена"
NO_PICTURE = "Фото не найдено"
Text = Annotated[str | None, Form()]
Upload = Annotated[UploadFile | None, File()]


async def create_category(
    room: RoomDep, name: Annotated[str, Form()], name_ru: Annotated[str, Form()], icon: Upload = None
) -> dict[str, Any]:
    path = await files.keep(room, "leisure_icons", icon) if icon else None
    with room.db.session() as session:
        category = LeisureCategory(name=name, name_ru=name_ru, icon_url=path)
        session.add(category)
        session.flush()
    shown = {"id": category.id, "name": name, "name_ru": name_ru, "icon_url": absolute(path)}
    return {"message": "Категория создана"} | shown


async def update_category(
    category_id: int, room: RoomDep, name: Text = None, name_ru: Text = None, icon: Upload = None
) -> dict[str, str]:
    with room.db.session() as session:
        found(session, LeisureCategory, category_id, NO_CATEGORY)
    path = await files.keep(room, "leisure_icons", icon) if icon else None
    with room.db.session() as session:
        category = found(session, LeisureCategory, category_id, NO_CATEGORY)
        category.name = name or category.name
        category.name_ru = name_ru or category.name_ru
        category.icon_url = path or category.icon_url
    return {"message": "Категория обновлена"}


async def delete_category(category_id: int, room: RoomDep) -> dict[str, str]:
    """Its places keep the dangling id."""
    with room.db.session() as session:
        session.delete(found(session, LeisureCategory, category_id, NO_CATEGORY))
    return {"message": "Категория удалена"}


async def update_ticket(
    ticket_id: int,
    room: RoomDep,
    title: Text = None,
    title_ru: Text = None,
    description: Text = None,
    description_ru: Text = None,
    event_date: Text = None,
    address: Text = None,
    price: Text = None,
    address_link: Text = None,
    instagram_url: Text = None,
    tiktok_url: Text = None,
    whatsapp_number: Text = None,
    status: Text = None,
    main_photo: Upload = None,
) -> dict[str, str]:
    sent = {
        "title": title,
        "title_ru": title_ru,
        "description": description,
        "description_ru": description_ru,
        "event_date": event_date,
        "address": address,
        "price": price,
        "address_link": address_link,
        "instagram_url": instagram_url,
        "tiktok_url": tiktok_url,
        "whatsapp_number": whatsapp_number,
        "status": status,
    }
    await _update(room, TICKET, ticket_id, sent, "main_photo_url", main_photo)
    return {"message": "Билет обновлен"}


async def update_place(
    place_id: int,
    room: RoomDep,
    title: Text = None,
    title_ru: Text = None,
    description: Text = None,
    description_ru: Text = None,
    category_id: Annotated[int | None, Form()] = None,
    event_date: Text = None,
    address: Text = None,
    price: Text = None,
    address_link: Text = None,
    instagram_url: Text = None,
    tiktok_url: Text = None,
    whatsapp_number: Text = None,
    status: Text = None,
    rating: Annotated[float | None, Form()] = None,
    main_photo: Upload = None,
) -> dict[str, str]:
    sent = {
        "title": title,
        "title_ru": title_ru,
        "description": description,
        "description_ru": description_ru,
        "category_id": category_id,
        "event_date": event_date,
        "address": address,
        "price": price,
        "address_link": address_link,
        "instagram_url": instagram_url,
        "tiktok_url": tiktok_url,
        "whatsapp_number": whatsapp_number,
        "status": status,
        "rating": rating,
    }
    await _update(room, PLACE, place_id, sent, "main_photo_url", main_photo)
    return {"message": "Место обновлено"}


async def update_promo(
    promo_id: int,
    room: RoomDep,
    title: Text = None,
    title_ru: Text = None,
    description: Text = None,
    description_ru: Text = None,
    discount_text: Text = None,
    promo_code: Text = None,
    start_date: Text = None,
    end_date: Text = None,
    status: Text = None,
    promo_image: Upload = None,
) -> dict[str, str]:
    sent = {
        "title": title,
        "title_ru": title_ru,
        "description": description,
        "description_ru": description_ru,
        "discount_text": discount_text,
        "promo_code": promo_code,
        "start_date": start_date,
        "end_date": end_date,
        "status": status,
    }
    await _update(room, PROMO, promo_id, sent, "promo_image_url", promo_image)
    return {"message": "Промо-акция обновлена"}


async def add_ticket_gallery(
    ticket_id: int, room: RoomDep, image: Annotated[UploadFile, File()], description: Text = None
) -> dict[str, Any]:
    return await _add_picture(room, TICKET, ticket_id, TicketPicture, image, description)


async def add_place_gallery(
    place_id: int, room: RoomDep, image: Annotated[UploadFile, File()], description: Text = None
) -> dict[str, Any]:
    return await _add_picture(room, PLACE, place_id, PlacePicture, image, description)


async def delete_ticket_gallery(gallery_id: int, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        session.delete(found(session, TicketPicture, gallery_id, NO_PICTURE))
    return {"message": "Фото удалено"}


async def delete_place_gallery(gallery_id: int, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        session.delete(found(session, PlacePicture, gallery_id, NO_PICTURE))
    return {"message": "Фото удалено"}


async def _update(
    room: Room, kind: Kind, row_id: int, sent: dict[str, Any], photo_column: str, photo: UploadFile | None
) -> None:
    with room.db.session() as session:
        found(session, kind.table, row_id, kind.missing)
    columns = columns_of(kind.table)
    changes = {name: as_column(name, columns[name], value) for name, value in sent.items() if value}
    if photo:
        changes[photo_column] = await files.keep(room, kind.plural, photo)
    with room.db.session() as session:
        row = found(session, kind.table, row_id, kind.missing)
        for name, value in changes.items():
            setattr(row, name, value)
        row.updated_at = utc_now()


async def _add_picture(
    room: Room,
    kind: Kind,
    row_id: int,
    table: type[Picture],
    image: UploadFile,
    description: str | None,
) -> dict[str, Any]:
    """Neither type nor size are looked at."""
    with room.db.session() as session:
        found(session, kind.table, row_id, kind.missing)
    path = await files.keep(room, table.__tablename__, image)
    with room.db.session() as session:
        picture = table(owner_id=row_id, image_url=path, description=description)
        session.add(picture)
        session.flush()
        return {"message": "Фото добавлено", "id": picture.id, "image_url": absolute(path)}


def add_form_routes(routes: APIRouter) -> None:
    routes.post("/categories")(create_category)
    routes.put("/categories/{category_id}")(update_category)
    routes.delete("/categories/{category_id}")(delete_category)
    routes.put("/tickets/{ticket_id}")(update_ticket)
    routes.post("/tickets/{ticket_id}/gallery")(add_ticket_gallery)
    routes.delete("/tickets/gallery/{gallery_id}")(delete_ticket_gallery)
    routes.put("/places/{place_id}")(update_place)
    routes.post("/places/{place_id}/gallery")(add_place_gallery)
    routes.delete("/places/gallery/{gallery_id}")(delete_place_gallery)
    routes.put("/promo/{promo_id}")(update_promo)
