#include "discovery/registrar/agent_reader.h"

#include <stdio.h>

#define TIMEOUT_MS     15000 /* without a leader an agent holds back an answer for 7 s */
#define LIST_BYTES_MAX (16u << 20)

static const char *const paths[] = {"/v1/agent/services", "/v1/agent/checks"};

static void fail(struct agent_reader *reader, const char *why, const struct fetch_failure *failure)
{
    const struct agent_reader_handler handler = reader->handler;
    agent_reader_stop(reader);
    handler.on_failure(handler.owner, why, failure);
}

static void finish(struct agent_reader *reader)
{
    const struct agent_reader_handler handler = reader->handler;
    struct agent_list list;
    const char *problem;
    if (!agent_list_read(text_view(&reader->parts[0].body), text_view(&reader->parts[1].body),
                         &list, &problem)) {
        fail(reader, problem, &(struct fetch_failure){.kind = FETCH_FINE});
        return;
    }
    agent_reader_stop(reader);
    handler.on_list(handler.owner, &list);
    agent_list_fini(&list);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct agent_reader_part *part = owner;
    struct agent_reader *reader = part->reader;
    size_t which = (size_t)(part - reader->parts);
    char why[512];
    part->fetch = NULL;
    if (answer->problem || answer->status != 200) {
        struct fetch_failure failure = *fetch_pool_failure(reader->pool);
        if (answer->problem)
            snprintf(why, sizeof(why), "%s", answer->problem);
        else
            snprintf(why, sizeof(why), "%s has status %d: %s", paths[which], answer->status,
                     failure.sample);
        fail(reader, why, &failure);
        return;
    }
    text_append(&part->body, answer->body);
    part->is_there = true;
    if (reader->parts[0].is_there && reader->parts[1].is_there)
        finish(reader);
}

void agent_reader_start(struct agent_reader *reader, struct fetch_pool *pool,
                        const struct agent_reader_handler *handler)
{
    *reader = (struct agent_reader){.handler = *handler, .pool = pool};
    for (size_t i = 0; i < 2; i++) {
        struct agent_reader_part *part = &reader->parts[i];
        part->reader = reader;
        part->fetch = fetch_start(pool, &(struct fetch_request){.target = paths[i],
                                                                .timeout_ms = TIMEOUT_MS,
                                                                .max_bytes = LIST_BYTES_MAX,
                                                                .owner = part,
                                                                .on_done = take_done});
    }
}

void agent_reader_stop(struct agent_reader *reader)
{
    for (size_t i = 0; i < 2; i++) {
        if (reader->parts[i].fetch)
            fetch_cancel(reader->parts[i].fetch);
        text_fini(&reader->parts[i].body);
        reader->parts[i].fetch = NULL;
        reader->parts[i].is_there = false;
    }
}

bool agent_reader_is_at_work(const struct agent_reader *reader)
{
    return reader->parts[0].fetch || reader->parts[1].fetch;
}
