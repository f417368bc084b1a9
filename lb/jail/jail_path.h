/* A file, or a folder with all that is below it, that is left to who is in the jail. */
#ifndef LB_JAIL_JAIL_PATH_H
#define LB_JAIL_JAIL_PATH_H

#include <stdbool.h>

/* What is not there is skipped. */
struct jail_path {
    const char *path; /* borrowed; NULL or "": none */
    bool is_written;  /* also: in a folder files may be made, renamed and removed */
    bool has_folders; /* also: where it is written, folders and links may be made and removed */
};

#endif
