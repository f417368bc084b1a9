/* The program that the build writes the manual with: fills a page with the settings.
 *
 * usage: lb-manual PAGE.in PAGE */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/config/config.h"
#include "lb/config/config_manual.h"

static void fail(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(1);
}

static void read_page(const char *path, struct text *page)
{
    char buffer[4096];
    size_t count;
    FILE *file = fopen(path, "re");
    if (!file)
        fail(path, strerror(errno));
    while ((count = fread(buffer, 1, sizeof(buffer), file)) > 0)
        text_append(page, view_of(buffer, count));
    if (ferror(file))
        fail(path, strerror(errno));
    fclose(file);
}

static void write_page(const char *path, struct view page)
{
    FILE *file = fopen(path, "we");
    if (!file || fwrite(page.ptr, 1, page.len, file) < page.len || fclose(file) != 0)
        fail(path, strerror(errno));
}

int main(int argc, char **argv)
{
    struct text page = TEXT_INIT, filled = TEXT_INIT, problem = TEXT_INIT;
    if (argc != 3)
        fail("usage", "lb-manual PAGE.in PAGE");
    read_page(argv[1], &page);
    if (!config_manual_fill(&config_root, text_view(&page), &filled, &problem))
        fail(argv[1], text_str(&problem));
    write_page(argv[2], text_view(&filled));
    text_fini(&page);
    text_fini(&filled);
    text_fini(&problem);
    return 0;
}
