#include "discovery/docker/list_splitter.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void keep(struct list_splitter *splitter, char c)
{
    if (splitter->element.len < splitter->max_bytes)
        text_append_char(&splitter->element, c);
    else
        splitter->is_cut = true;
}

static void end_element(struct list_splitter *splitter)
{
    if (splitter->element.len == 0)
        return;
    splitter->on_element(splitter->owner, text_view(&splitter->element), splitter->is_cut);
    text_clear(&splitter->element);
    splitter->is_cut = false;
}

static void take_in_string(struct list_splitter *splitter, char c)
{
    if (splitter->is_escaped)
        splitter->is_escaped = false;
    else if (c == '\\')
        splitter->is_escaped = true;
    else if (c == '"')
        splitter->is_in_string = false;
    keep(splitter, c);
}

/* Inside of the array, outside of strings. */
static void take(struct list_splitter *splitter, char c)
{
    bool is_between = splitter->depth == 0;
    if (is_between && (c == ',' || c == ']')) {
        end_element(splitter);
        splitter->has_ended = c == ']';
        return;
    }
    if (is_between && is_space(c))
        return;
    if (c == '{' || c == '[')
        splitter->depth++;
    else if ((c == '}' || c == ']') && splitter->depth > 0)
        splitter->depth--;
    splitter->is_in_string = c == '"';
    keep(splitter, c);
}

void list_splitter_feed(struct list_splitter *splitter, struct view bytes)
{
    for (size_t i = 0; i < bytes.len && !splitter->has_failed; i++) {
        char c = bytes.ptr[i];
        if (splitter->is_in_string)
            take_in_string(splitter, c);
        else if (splitter->has_begun && !splitter->has_ended)
            take(splitter, c);
        else if (!splitter->has_begun && c == '[')
            splitter->has_begun = true;
        else
            splitter->has_failed = !is_space(c);
    }
}

bool list_splitter_is_done(const struct list_splitter *splitter)
{
    return splitter->has_ended && !splitter->has_failed;
}

void list_splitter_fini(struct list_splitter *splitter)
{
    text_fini(&splitter->element);
}
