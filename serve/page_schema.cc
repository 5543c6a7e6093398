// POST /hasten/schema: whether answers can be held to a JSON schema, and where it says something that they cannot.
#include "serve/constrain.h"
#include "serve/routes.h"

namespace hasten {

void CheckSchema(const std::shared_ptr<Call>& call) {
  call->WithModel([call](const std::shared_ptr<Worker>& worker) {
    Json schema;
    {
      Fields fields(call->body, "", call->reading);
      fields.Accept({"model"});
      const Json* given = fields.Any("schema");
      if (given) schema = *given;
      if (!given) fields.Refuse("schema", "is missing");
    }
    if (!call->Understood()) return;
    Job job;
    Reading reading;
    Wanted wanted;
    WantSchema(schema, "schema", wanted);
    Constrain(wanted, *worker, job, reading);
    call->Answer({{"problem", reading.refusal ? Json(reading.refusal->message) : Json()}});
  });
}

}  // namespace hasten
