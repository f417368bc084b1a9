#include "lb/admin/explain_path.h"

#include "lb/admin/paths.h"
#include "lb/base/shown.h"

/* "10.0.0.3:53/udp": an id, and where nothing else is known a name. */
static bool is_port_of_udp(struct view word)
{
    struct view rest = view_of(word.ptr, word.len - (word.len < 4 ? word.len : 4));
    return view_eq(view_skip(word, rest.len), VIEW("/udp")) && view_find(rest, '/') < 0 &&
           rest.len > 0 && rest.ptr[rest.len - 1] >= '0' && rest.ptr[rest.len - 1] <= '9' &&
           view_find(rest, ':') >= 0;
}

/* A container's name has no slash inside; "shop.test" may be one. */
static bool is_url(const char *word)
{
    return strchr(word, '/') != NULL && !is_port_of_udp(view_str(word));
}

/* A list of all of its kind: "routes" or "listeners"; NULL: none is asked for. */
static const char *list_of(const struct config_words *words)
{
    for (unsigned i = 0; i < words->option_count; i++)
        if (strcmp(words->options[i].word, "routes") == 0 ||
            strcmp(words->options[i].word, "listeners") == 0)
            return words->options[i].word;
    return NULL;
}

static enum explain_path_kind refuse(struct text *problem, const char *fault, const char *word)
{
    text_append_str(problem, fault);
    if (word)
        shown_append(problem, view_str(word));
    return EXPLAIN_PATH_REFUSED;
}

static enum explain_path_kind make_list(const struct config_words *words, const char *list,
                                        struct text *path, struct text *problem)
{
    if (words->count + words->option_count > 1)
        text_appendf(problem, "--%s lists all of them, and takes ", list);
    if (words->count > 0)
        return refuse(problem, "nothing beside: ", words->words[0]);
    if (words->option_count > 1)
        return refuse(problem, "no other flag beside it", NULL);
    text_appendf(path, "/%s", list);
    return strcmp(list, "routes") == 0 ? EXPLAIN_PATH_ROUTES : EXPLAIN_PATH_LISTENERS;
}

static enum explain_path_kind make_url(const struct config_words *words, struct text *path,
                                       struct text *problem)
{
    if (words->count > 1)
        return refuse(problem, "one URL at a time; a word too many: ", words->words[1]);
    text_append_str(path, "/explain?url=");
    paths_encode(view_str(words->words[0]), path);
    for (unsigned i = 0; i < words->option_count; i++) {
        text_appendf(path, "&%s=", words->options[i].word);
        paths_encode(view_str(words->options[i].value), path);
    }
    return EXPLAIN_PATH_URL;
}

enum explain_path_kind explain_path_make(const struct config_words *words, struct text *path,
                                         struct text *problem)
{
    const char *list = list_of(words);
    if (list)
        return make_list(words, list, path, problem);
    if (words->count > 0 && is_url(words->words[0]))
        return make_url(words, path, problem);
    if (words->option_count == 0)
        return EXPLAIN_PATH_CONTAINERS;
    text_appendf(problem, "--%s belongs to a URL; give lb explain http://HOST/PATH --%s ...",
                 words->options[0].word, words->options[0].word);
    return EXPLAIN_PATH_REFUSED;
}

bool explain_path_next(struct text *answer, struct text *path)
{
    static const char mark[] = "; the next: ";
    size_t len = answer->len > 0 ? answer->len - 1 : 0, start = len;
    while (start > 0 && answer->bytes[start - 1] != '\n')
        start--;
    struct view line = view_of(answer->bytes + start, len - start);
    const char *found = view_starts_with(line, VIEW("# "))
                            ? memmem(line.ptr, line.len, mark, sizeof(mark) - 1)
                            : NULL;
    text_clear(path);
    if (!found)
        return false;
    found += sizeof(mark) - 1;
    text_append(path, view_of(found, (size_t)(line.ptr + line.len - found)));
    text_grow_to(answer, answer->bytes + start);
    return true;
}
