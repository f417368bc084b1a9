#include "lb/health/talk.h"

#include <stdio.h>

#include "lb/base/shown.h"
#include "lb/contract/escaped.h"
#include "lb/health/postgres.h"

/* Of an answer, as people are told it. */
#define TOLD_BYTES 72u

enum outcome {
    LISTEN, /* to the next message */
    GO_ON,  /* with the next step */
    WELL,
    BAD,
};

/* What a message means that begins so; the first that fits. */
struct meaning {
    const char *begins;
    enum outcome outcome;
    const char *problem; /* of BAD; NULL: what the message says, is all */
};

struct step {
    struct view words;
    const struct meaning *meanings; /* the last one fits all */
    bool may_end;                   /* the server may close instead of an answer */
};

struct talk_row {
    enum check_mode mode;
    bool (*is_whole)(struct view message);    /* of what has come, which is not empty */
    struct view (*text)(struct view message); /* of it, for people; NULL: all of it */
    struct step steps[2];
    /* Instead of messages and steps: what the check gives is said, or the words of the first step. */
    enum verdict (*take)(struct talk *talk, struct view data);
};

static enum verdict fail(struct talk *talk, const char *problem)
{
    snprintf(talk->problem, sizeof(talk->problem), "%s", problem);
    return VERDICT_BAD;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool is_whole_line(struct view message)
{
    return view_find(message, '\n') >= 0;
}

/* ---- bytes that a check gives, and DNS ------------------------------------------------------- */

static enum verdict take_bytes(struct talk *talk, struct view data)
{
    return finder_take(&talk->finder, data) ? VERDICT_WELL : VERDICT_OPEN;
}

static enum verdict take_datagram(struct talk *talk, struct view data)
{
    if (finder_take(&talk->finder, data))
        return VERDICT_WELL;
    return fail(talk, "its answer has not the expected text");
}

/* The servers of the root, with recursion asked for, RFC 1035 § 4. */
#define DNS_ID "lb"
#define DNS_QUESTION                                                                               \
    VIEW(DNS_ID "\x01\0"                                                                           \
                "\0\x01\0\0\0\0\0\0"                                                               \
                "\0\0\x02\0\x01")

/* Whatever it says, it was asked and has answered. */
static enum verdict take_dns(struct talk *talk, struct view data)
{
    bool is_answer = data.len >= 12 && view_starts_with(data, VIEW(DNS_ID)) && data.ptr[2] & 0x80;
    return is_answer ? VERDICT_WELL : fail(talk, "what it answers is no DNS");
}

/* ---- the rows -------------------------------------------------------------------------------- */

static const struct meaning of_ssl_request[] = {
    {"S", WELL, NULL},
    {"N", WELL, NULL},
    {"E", BAD, NULL},
    {"", BAD, "what answers is no PostgreSQL"},
};

/* Whoever is asked for a password, or may not ask for this, has a server that serves. */
static const struct meaning of_ping[] = {
    {"+PONG", WELL, NULL},
    {"-NOAUTH", WELL, NULL},
    {"-NOPERM", WELL, NULL},
    {"-LOADING", BAD, "it still loads its data"},
    {"-MASTERDOWN", BAD, "it has lost its master, and serves no stale data"},
    {"-DENIED", BAD, "it serves no other hosts: give it a password, or protected-mode no"},
    {"-BUSY", BAD, "a script keeps it busy"},
    {"-", BAD, NULL},
    {"", BAD, "what answers is no Redis"},
};

static const struct meaning of_greeting[] = {
    {"220-", LISTEN, NULL},
    {"220", GO_ON, NULL},
    {"4", BAD, NULL},
    {"5", BAD, NULL},
    {"", BAD, "what greets is no SMTP"},
};

static const struct meaning of_quit[] = {
    {"221-", LISTEN, NULL},
    {"221", WELL, NULL},
    {"", BAD, "it does not take QUIT"},
};

static const struct talk_row rows[] = {
    {.mode = CHECK_POSTGRES,
     .is_whole = postgres_is_whole,
     .text = postgres_text,
     .steps = {{POSTGRES_SSL_REQUEST, of_ssl_request, false}}},
    {.mode = CHECK_REDIS, .is_whole = is_whole_line, .steps = {{VIEW("PING\r\n"), of_ping, false}}},
    {.mode = CHECK_SMTP,
     .is_whole = is_whole_line,
     .steps = {{VIEW(""), of_greeting, false}, {VIEW("QUIT\r\n"), of_quit, true}}},
    {.mode = CHECK_DNS, .steps = {{DNS_QUESTION, NULL, false}}, .take = take_dns},
    {.mode = CHECK_UDP, .take = take_datagram},
    {.mode = CHECK_TCP, .take = take_bytes},
};

/* ---- what is told ---------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Of what was said so much that it fits, and nothing that a terminal would obey. */
static void append_told(struct text *out, struct view said)
{
    while (said.len > 0 && is_blank(said.ptr[said.len - 1]))
        said.len--;
    if (said.len == 0)
        return;
    text_append_str(out, ": ");
    size_t before = out->len;
    for (size_t len = said.len < TOLD_BYTES ? said.len : TOLD_BYTES; len > 0; len /= 2) {
        shown_append(out, view_of(said.ptr, len));
        if (out->len - before <= TOLD_BYTES)
            return;
        text_grow_to(out, out->bytes + before);
    }
}

static enum verdict fail_as(struct talk *talk, const struct meaning *meaning, struct view message)
{
    struct text told = TEXT_INIT;
    text_append_str(&told, meaning->problem ? meaning->problem : "it answers");
    append_told(&told, talk->row->text ? talk->row->text(message) : message);
    fail(talk, text_str(&told));
    text_fini(&told);
    return VERDICT_BAD;
}

/* ---- messages -------------------------------------------------------------------------------- */

static void forget_message(struct talk *talk)
{
    talk->is_skipping = talk->kept_count == TALK_KEPT_MAX;
    talk->kept_count = 0;
}

/* A message is whole, or as long as it may be. */
static enum verdict judge(struct talk *talk)
{
    struct view message = view_of(talk->kept, talk->kept_count);
    const struct meaning *meaning = talk->row->steps[talk->step].meanings;
    while (!view_starts_with(message, view_str(meaning->begins)))
        meaning++;
    if (meaning->outcome == WELL)
        return VERDICT_WELL;
    if (meaning->outcome == BAD)
        return fail_as(talk, meaning, message);
    if (meaning->outcome == GO_ON)
        talk->words = talk->row->steps[++talk->step].words;
    forget_message(talk);
    return VERDICT_OPEN;
}

/* Of a line that was longer than what is kept, the rest means nothing. */
static bool skips(struct talk *talk, char byte)
{
    bool was_skipping = talk->is_skipping;
    talk->is_skipping = was_skipping && byte != '\n';
    return was_skipping;
}

static enum verdict take_messages(struct talk *talk, struct view data)
{
    enum verdict verdict = VERDICT_OPEN;
    for (size_t i = 0; i < data.len && verdict == VERDICT_OPEN; i++) {
        if (skips(talk, data.ptr[i]))
            continue;
        talk->kept[talk->kept_count++] = data.ptr[i];
        if (talk->kept_count == TALK_KEPT_MAX ||
            talk->row->is_whole(view_of(talk->kept, talk->kept_count)))
            verdict = judge(talk);
    }
    return verdict;
}

/* ---- a talk ---------------------------------------------------------------------------------- */

void talk_init(struct talk *talk, enum check_mode mode, const struct check *check)
{
    *talk = (struct talk){.row = rows};
    while (talk->row->mode != mode)
        talk->row++;
    finder_init(&talk->finder, escaped_read(view_str(check->expect), talk->expected));
    bool has_own_words = mode == CHECK_TCP || mode == CHECK_UDP;
    talk->words =
        has_own_words ? escaped_read(view_str(check->send), talk->sent) : talk->row->steps[0].words;
}

bool talk_wants_nothing(enum check_mode mode, const struct check *check)
{
    return (mode == CHECK_TCP || mode == CHECK_UDP) && !check_has_exchange(check);
}

struct view talk_words(struct talk *talk)
{
    struct view words = talk->words;
    talk->words = VIEW("");
    return words;
}

enum verdict talk_take(struct talk *talk, struct view data)
{
    if (data.len > TALK_BYTES_MAX - talk->taken_bytes)
        data.len = TALK_BYTES_MAX - talk->taken_bytes;
    talk->taken_bytes += data.len;
    enum verdict verdict =
        talk->row->take ? talk->row->take(talk, data) : take_messages(talk, data);
    if (verdict == VERDICT_OPEN && talk->taken_bytes == TALK_BYTES_MAX)
        return fail(talk, talk->row->take
                              ? "the first 64 KiB of its answer have not the expected text"
                              : "its answer does not end within 64 KiB");
    return verdict;
}

enum verdict talk_end(struct talk *talk)
{
    enum verdict verdict = talk->kept_count > 0 ? judge(talk) : VERDICT_OPEN;
    if (verdict != VERDICT_OPEN)
        return verdict;
    if (talk->row->steps[talk->step].may_end)
        return VERDICT_WELL;
    return fail(talk, "the connection ended before the answer did");
}
