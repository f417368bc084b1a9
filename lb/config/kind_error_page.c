#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/config/config.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/config/config_value.h"

#define FILE_MAX_BYTES 65536

static void fini(void *field)
{
    struct config_error_page *page = field;
    free(page->path);
    free(page->bytes);
    *page = (struct config_error_page){0};
}

/* Reads the file whole. Fails: what is wrong, static or of strerror. */
static const char *read_file(const char *path, char **bytes, size_t *len)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return strerror(errno);
    char *buffer = memory_new(FILE_MAX_BYTES + 1);
    *len = fread(buffer, 1, FILE_MAX_BYTES + 1, file);
    const char *wrong = ferror(file) ? strerror(errno) : NULL;
    if (!wrong && *len > FILE_MAX_BYTES)
        wrong = "it is larger than 64k";
    fclose(file);
    if (wrong)
        free(buffer);
    else
        *bytes = buffer;
    return wrong;
}

/* The bytes are read with the settings, so that a missing file is told at once. */
static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    struct view path = text;
    struct view code = view_cut(&path, '=');
    uint64_t status;
    if (!view_parse_u64(code, 599, &status) || status < 400 || path.len == 0)
        return config_value_refuse(setting, text, "is no page for an error", problem);
    const char *wrong = config_string_check(path);
    if (wrong)
        return config_value_refuse(setting, path, wrong, problem);
    struct config_error_page page = {.status = (unsigned)status,
                                     .path = memory_copy(path.ptr, path.len)};
    wrong = read_file(page.path, &page.bytes, &page.len);
    if (wrong) {
        fini(&page);
        config_value_append_quoted(path, problem);
        text_appendf(problem, " cannot be used: %s; name a readable file of at most 64k", wrong);
        return false;
    }
    fini(field);
    *(struct config_error_page *)field = page;
    return true;
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    const struct config_error_page *page = field;
    (void)setting;
    text_appendf(out, "%u=%s", page->status, page->path);
}

static bool is_same(const void *one, const void *other)
{
    const struct config_error_page *first = one, *second = other;
    return first->status == second->status;
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    return config_shape_fixed("^0*[45][0-9]{2}=" CONFIG_SHAPE_PRINTABLE "+$");
}

const struct config_kind kind_error_page = {
    .bytes = sizeof(struct config_error_page),
    .parse = parse,
    .format = format,
    .is_same = is_same,
    .fini = fini,
    .accepted = "CODE=FILE with a code from 400 to 599, for example 503=/etc/lb/503.html",
    .schema = schema,
    .json_type = "a string",
};
