// The items of /v1/responses as a conversation: messages, thoughts, calls and their results, in the order in which they came.
#pragma once

#include "serve/conversation.h"
#include "serve/response_store.h"

namespace hasten {

// "input": a text or a list of items. Each gets a type and an id where it has none; references become what they refer to.
ResponseItems ReadInputItems(Fields& fields, const ResponseStore& store);

// Appends what `item` says. What it cannot mean is left out; only what a model cannot read (pictures) is refused.
void AddItem(const Json& item, const std::string& path, Conversation& conversation, Reading& reading);

}  // namespace hasten
