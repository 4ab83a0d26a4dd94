"""The Bot API methods that the sandbox knows, by lower-case name."""

from __future__ import annotations

from sandbox.telegram.methods import editing, incoming, looking, presence, sending
from sandbox.telegram.methods.registry import Method

_NAMED: dict[str, Method] = {
    "getMe": presence.get_me,
    "logOut": presence.done,
    "close": presence.done,
    "getUpdates": incoming.get_updates,
    "setWebhook": incoming.set_webhook,
    "deleteWebhook": incoming.delete_webhook,
    "getWebhookInfo": incoming.get_webhook_info,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "sendChatAction": sending.send_chat_action,
    "copyMessage": sending.copy_message,
    "forwardMessage": sending.forward_message,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": incoming.answer_callback_query,
    "setMyCommands": presence.set_my_commands,
    "getMyCommands": presence.get_my_commands,
    "deleteMyCommands": presence.delete_my_commands,
    "setMyName": presence.text_setter("name", 64),
    "getMyName": presence.text_getter("name"),
    "setMyDescription": presence.text_setter("description", 512),
    "getMyDescription": presence.text_getter("description"),
    "setMyShortDescription": presence.text_setter("short_description", 120),
    "getMyShortDescription": presence.text_getter("short_description"),
    "setChatMenuButton": presence.set_chat_menu_button,
    "getChatMenuButton": presence.get_chat_menu_button,
    "getChat": looking.get_chat,
    "getChatMember": looking.get_chat_member,
    "getFile": looking.get_file,
    "getUserProfilePhotos": looking.get_user_profile_photos,
    "pinChatMessage": looking.pin_chat_message,
    "unpinChatMessage": looking.unpin_chat_message,
    "unpinAllChatMessages": looking.unpin_all_chat_messages,
    "setMessageReaction": looking.set_message_reaction,
}


def table() -> dict[str, tuple[str, Method]]:
    """Proper name and function of every method, keyed by its lower-case name."""
    return {name.lower(): (name, method) for name, method in _NAMED.items()}
