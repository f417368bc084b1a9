#include "discovery/file/file_remedy.h"

#include <errno.h>

void file_remedy_append(const char *path, int os_error, bool in_container, unsigned user,
                        struct text *out)
{
    if (os_error == 0)
        text_append_str(out, "Correct the file; it is read again by itself. lb-discovery(8) shows "
                             "what it may have.");
    else if (os_error == ENOENT && in_container)
        text_appendf(out,
                     "Mount it: docker run -v \"$PWD/FILE:%s:ro\"; it is read as soon as it is "
                     "there.",
                     path);
    else if (os_error == ENOENT)
        text_append_str(out, "Write it, or name the right one with --file; it is read as soon as "
                             "it is there.");
    else if (os_error == EACCES)
        text_appendf(out, "Let user %u read it (chmod o+r, and o+x for its folders).", user);
    else if (os_error == EISDIR)
        text_append_str(out, "Name a file; docker run -v makes a folder where there is no file at "
                             "the host's end.");
    else if (os_error == EFBIG)
        text_append_str(out, "Make it smaller; it may have 16 MiB.");
}
