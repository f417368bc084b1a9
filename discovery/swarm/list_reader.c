#include "discovery/swarm/list_reader.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/docker/lister.h"
#include "discovery/document.h"

#define TIMEOUT_MS        20000
#define ELEMENT_MAX_BYTES (1024 * 1024)
#define REFUSAL_MAX_BYTES 200
/* Of ten thousand tasks with what their service says about each of them. */
#define LIST_MAX_BYTES (64 * 1024 * 1024)

static void take_element(void *owner, struct view element, bool is_cut)
{
    struct list_reader *reader = owner;
    json_t *document = is_cut ? NULL : document_parse(element, NULL);
    if (json_is_object(document))
        reader->handler.on_element(reader->handler.owner, document);
    else
        reader->bad_count++;
    json_decref(document);
}

static void take_open(void *owner, int status)
{
    struct list_reader *reader = owner;
    reader->status = status;
}

static void take_refusal(struct list_reader *reader, struct view bytes)
{
    size_t room = REFUSAL_MAX_BYTES - reader->refusal.len;
    text_append(&reader->refusal, view_of(bytes.ptr, bytes.len < room ? bytes.len : room));
}

/* What is beyond the bound is not looked at: then the list has no end. */
static void take_bytes(void *owner, struct view bytes)
{
    struct list_reader *reader = owner;
    if (reader->status != 200) {
        take_refusal(reader, bytes);
        return;
    }
    reader->byte_count += bytes.len;
    if (reader->byte_count <= LIST_MAX_BYTES)
        list_splitter_feed(&reader->splitter, bytes);
}

static void append_why(const struct list_reader *reader, const char *problem, struct text *out)
{
    char *sample = clean_sentence(text_view(&reader->refusal), REFUSAL_MAX_BYTES);
    text_appendf(out, "the list of %s: ", reader->what);
    if (problem)
        text_append_str(out, problem);
    else if (reader->status != 200)
        text_appendf(out, "it has status %d: %s", reader->status, sample);
    else if (reader->byte_count > LIST_MAX_BYTES)
        text_append_str(out, "it is longer than 64 MiB");
    else
        text_append_str(out, "it is no JSON array");
    free(sample);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct list_reader *reader = owner;
    const struct list_reader_handler handler = reader->handler;
    struct text why = TEXT_INIT;
    int status = reader->status;
    bool is_whole = !answer->problem && status == 200 && reader->byte_count <= LIST_MAX_BYTES &&
                    list_splitter_is_done(&reader->splitter);
    reader->fetch = NULL;
    append_why(reader, answer->problem, &why);
    list_reader_stop(reader);
    if (is_whole)
        handler.on_end(handler.owner);
    else if (!answer->problem && lister_is_refusal(status))
        handler.on_refused(handler.owner, status);
    else
        handler.on_failure(handler.owner, text_str(&why));
    text_fini(&why);
}

void list_reader_start(struct list_reader *reader, struct fetch_pool *pool, const char *target,
                       const char *what, const struct list_reader_handler *handler)
{
    *reader = (struct list_reader){.handler = *handler, .what = what};
    reader->splitter = (struct list_splitter){
        .max_bytes = ELEMENT_MAX_BYTES, .owner = reader, .on_element = take_element};
    reader->fetch = fetch_start(pool, &(struct fetch_request){.target = target,
                                                              .timeout_ms = TIMEOUT_MS,
                                                              .owner = reader,
                                                              .has_end = true,
                                                              .on_open = take_open,
                                                              .on_bytes = take_bytes,
                                                              .on_done = take_done});
}

void list_reader_stop(struct list_reader *reader)
{
    if (reader->fetch)
        fetch_cancel(reader->fetch);
    reader->fetch = NULL;
    list_splitter_fini(&reader->splitter);
    text_fini(&reader->refusal);
}
