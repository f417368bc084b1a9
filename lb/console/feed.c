#include "lb/console/feed.h"

bool feed_add(struct feed *feed, struct view bytes)
{
    if (feed->pending.len + feed->data.len + bytes.len > FEED_EVENT_MAX_BYTES)
        return false;
    text_append(&feed->pending, bytes);
    return true;
}

/* A line without its end. False: an event is complete. */
static bool take_line(struct feed *feed, struct view line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (line.len == 0)
        return feed->data.len == 0;
    if (!view_starts_with(line, VIEW("data:")))
        return true; /* a comment, or a field that nobody here needs */
    line = view_skip(line, 5);
    if (line.len > 0 && line.ptr[0] == ' ')
        line = view_skip(line, 1);
    if (feed->data.len > 0)
        text_append_char(&feed->data, '\n');
    text_append(&feed->data, line);
    return true;
}

static void keep_only(struct text *text, struct view rest)
{
    struct text kept = TEXT_INIT;
    text_append(&kept, rest);
    text_fini(text);
    *text = kept;
}

bool feed_next(struct feed *feed, struct text *event)
{
    struct view rest = text_view(&feed->pending);
    bool is_complete = false;
    while (!is_complete && rest.len > 0 && view_find(rest, '\n') >= 0) {
        struct view line = view_cut(&rest, '\n');
        is_complete = !take_line(feed, line);
    }
    keep_only(&feed->pending, rest);
    if (!is_complete)
        return false;
    text_clear(event);
    text_append(event, text_view(&feed->data));
    text_clear(&feed->data);
    return true;
}

void feed_fini(struct feed *feed)
{
    text_fini(&feed->pending);
    text_fini(&feed->data);
}
