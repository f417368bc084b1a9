#include "lb/crew/complaints.h"

#include "lb/base/log.h"
#include "lb/base/log_about.h"
#include "lb/base/shown.h"
#include "lb/base/text.h"

#define SAMPLE_BYTES 80u

static bool is_plain(char byte)
{
    return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

/* Whatever is not plain ASCII shows as the byte that it is: an answer may be any bytes, and which
 * ones is what is wrong with it. */
static void append_sample(struct text *out, struct view sample)
{
    text_append(out, VIEW(": \""));
    for (size_t i = 0; i < sample.len && i < SAMPLE_BYTES; i++) {
        char byte = sample.ptr[i];
        if (is_plain(byte))
            text_append_char(out, byte);
        else if (byte == '\r' || byte == '\n')
            text_append(out, byte == '\r' ? VIEW("\\r") : VIEW("\\n"));
        else
            text_appendf(out, "\\x%02x", (unsigned char)byte);
    }
    text_append(out, sample.len > SAMPLE_BYTES ? VIEW("\" …") : VIEW("\""));
}

void complaints_say(const struct endpoint *endpoint, const char *sentence, struct view sample)
{
    struct text shown = TEXT_INIT;
    if (sample.len > 0)
        append_sample(&shown, sample);
    log_say(LOG_LEVEL_WARN,
            &(struct log_about){.action = "bad-answer",
                                .service = endpoint->service,
                                .name = endpoint->name,
                                .id = endpoint->container,
                                .address = endpoint->address_text},
            "%s (%s): %s%s", endpoint->name, endpoint->address_text, sentence, text_str(&shown));
    text_fini(&shown);
}

void complaints_of_doubt(struct view route)
{
    struct text shown = TEXT_INIT;
    shown_append(&shown, route);
    log_warn(
        "a request was answered with 503, as a regex of the route %s takes too many steps for it, "
        "so that no other route may have it either; repeat less within what is repeated",
        text_str(&shown));
    text_fini(&shown);
}

void complaints_of_handshake(const char *why)
{
    log_warn("a TLS handshake with a client failed: %s", why);
}
