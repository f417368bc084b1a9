#include "lb/observe/access_format.h"

#include "lb/base/utf8.h"

static const char *const form_words[] = {"json",    "combined", "logstalgia",
                                         "haproxy", "auto",     "short"};

static bool is_one_line(struct view text)
{
    while (text.len > 0) {
        size_t len = utf8_length(text);
        if (len == 0 || (utf8_is_control(text, len) && text.ptr[0] != '\t'))
            return false;
        text = view_skip(text, len);
    }
    return true;
}

static bool refuse_name(struct view name, struct text *problem)
{
    const struct access_field *field;
    bool is_ascii = name.len <= 40;
    for (size_t i = 0; i < name.len; i++)
        is_ascii = is_ascii && name.ptr[i] >= ' ' && name.ptr[i] <= '~';
    if (is_ascii)
        text_appendf(problem, "%%{%.*s} is not known; the names are", (int)name.len, name.ptr);
    else
        text_append_str(problem, "a name is not known; the names are");
    for (size_t i = 0; (field = access_field_at(i)); i++)
        text_appendf(problem, "%s %s", i > 0 ? "," : "", field->name);
    return false;
}

/* Cuts the next part off `*rest`. */
static bool parse_part(struct view *rest, struct access_part *part, struct text *problem)
{
    const char *mark = memmem(rest->ptr, rest->len, "%{", 2);
    *part = (struct access_part){.words = *rest};
    if (!mark) {
        rest->len = 0;
        return true;
    }
    part->words.len = (size_t)(mark - rest->ptr);
    *rest = view_skip(*rest, part->words.len + 2);
    ptrdiff_t len = view_find(*rest, '}');
    if (len < 0) {
        text_append_str(problem, "a %{ has no }; write for example %{client_ip}");
        return false;
    }
    struct view name = view_of(rest->ptr, (size_t)len);
    part->field = access_field_find(name);
    if (!part->field)
        return refuse_name(name, problem);
    *rest = view_skip(*rest, name.len + 1);
    return true;
}

static bool parse_template(struct access_format *format, struct view text, struct text *problem)
{
    format->form = ACCESS_FORM_TEMPLATE;
    if (!is_one_line(text)) {
        text_append_str(problem, "it has a control character or is no UTF-8; give printable text");
        return false;
    }
    while (text.len > 0) {
        if (format->part_count == ACCESS_FORMAT_PARTS_MAX) {
            text_appendf(problem, "it has more than %d fields; give fewer",
                         ACCESS_FORMAT_PARTS_MAX - 1);
            return false;
        }
        if (!parse_part(&text, &format->parts[format->part_count++], problem))
            return false;
    }
    return true;
}

bool access_format_parse(struct access_format *format, struct view text, struct text *problem)
{
    *format = (struct access_format){0};
    for (size_t i = 0; i < sizeof(form_words) / sizeof(form_words[0]); i++) {
        if (view_eq(text, view_str(form_words[i]))) {
            format->form = (enum access_form)i;
            return true;
        }
    }
    if (text.len > 0 && memmem(text.ptr, text.len, "%{", 2))
        return parse_template(format, text, problem);
    text_append_str(
        problem,
        "it is not known; give auto, short, json, combined, logstalgia, haproxy or a template "
        "with fields such as %{client_ip}");
    return false;
}

void access_format_settle(struct access_format *format, bool is_terminal, bool wants_colours)
{
    if (format->form == ACCESS_FORM_AUTO)
        format->form = is_terminal ? ACCESS_FORM_SHORT : ACCESS_FORM_JSON;
    format->is_coloured = format->form == ACCESS_FORM_SHORT && wants_colours;
}
