/// The commit that this was built from, `-dirty` behind it if files had been changed since; empty where that is not known.
const char *latchkey_commit(void);
