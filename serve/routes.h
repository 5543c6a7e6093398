// The handlers of all routes, by dialect; serve/service.cc has the paths.
#pragma once

#include <memory>

#include "serve/call.h"

namespace hasten {

void ListModels(const std::shared_ptr<Call>& call);   // GET /v1/models
void ShowModel(const std::shared_ptr<Call>& call);    // GET /v1/models/ID
void Completions(const std::shared_ptr<Call>& call);  // POST /v1/completions
void ChatCompletions(const std::shared_ptr<Call>& call);
void Responses(const std::shared_ptr<Call>& call);          // POST /v1/responses
void ShowResponse(const std::shared_ptr<Call>& call);       // GET /v1/responses/ID
void DeleteResponse(const std::shared_ptr<Call>& call);     // DELETE /v1/responses/ID
void CancelResponse(const std::shared_ptr<Call>& call);     // POST /v1/responses/ID/cancel
void ListResponseInput(const std::shared_ptr<Call>& call);  // GET /v1/responses/ID/input_items
void ApplyTemplate(const std::shared_ptr<Call>& call);
void Messages(const std::shared_ptr<Call>& call);
void CountTokens(const std::shared_ptr<Call>& call);
void OllamaChat(const std::shared_ptr<Call>& call);
void OllamaGenerate(const std::shared_ptr<Call>& call);
void Embeddings(const std::shared_ptr<Call>& call);        // POST /v1/embeddings
void OllamaEmbed(const std::shared_ptr<Call>& call);       // POST /api/embed
void OllamaEmbeddings(const std::shared_ptr<Call>& call);  // POST /api/embeddings, its older form
void OllamaTags(const std::shared_ptr<Call>& call);
void OllamaPs(const std::shared_ptr<Call>& call);
void OllamaShow(const std::shared_ptr<Call>& call);
void OllamaVersion(const std::shared_ptr<Call>& call);
void Infill(const std::shared_ptr<Call>& call);
void NativeCompletion(const std::shared_ptr<Call>& call);  // POST /completion
void Tokenize(const std::shared_ptr<Call>& call);
void Detokenize(const std::shared_ptr<Call>& call);
void Health(const std::shared_ptr<Call>& call);
void Props(const std::shared_ptr<Call>& call);
void Slots(const std::shared_ptr<Call>& call);
void Metrics(const std::shared_ptr<Call>& call);
void Page(const std::shared_ptr<Call>& call);  // GET / and its files
void Live(const std::shared_ptr<Call>& call);
void Measure(const std::shared_ptr<Call>& call);
void CheckSchema(const std::shared_ptr<Call>& call);
void Runs(const std::shared_ptr<Call>& call);
void RunReport(const std::shared_ptr<Call>& call);  // GET /hasten/runs/ID

}  // namespace hasten
