#include "lb/console/feed.h"

static struct view rest_of(const struct feed *feed)
{
    return view_skip(text_view(&feed->pending), feed->taken);
}

static void forget_taken(struct feed *feed)
{
    struct text kept = TEXT_INIT;
    if (feed->taken == 0)
        return;
    text_append(&kept, rest_of(feed));
    text_fini(&feed->pending);
    feed->pending = kept;
    feed->taken = 0;
}

bool feed_add(struct feed *feed, struct view bytes)
{
    forget_taken(feed);
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

/* Gives the next line whose end is there. False: there is none, and what was looked through is not again. */
static bool next_line(struct feed *feed, struct view *line)
{
    struct view rest = rest_of(feed);
    ptrdiff_t end = view_find(view_skip(rest, feed->searched), '\n');
    if (end < 0) {
        feed->searched = rest.len;
        return false;
    }
    *line = view_of(rest.ptr, feed->searched + (size_t)end);
    feed->taken += line->len + 1;
    feed->searched = 0;
    return true;
}

bool feed_next(struct feed *feed, struct text *event)
{
    struct view line;
    while (next_line(feed, &line)) {
        if (take_line(feed, line))
            continue;
        text_clear(event);
        text_append(event, text_view(&feed->data));
        text_clear(&feed->data);
        return true;
    }
    return false;
}

void feed_fini(struct feed *feed)
{
    text_fini(&feed->pending);
    text_fini(&feed->data);
    *feed = (struct feed){0};
}
