"""Many pictures: work in threads, processes or on a cluster, kept in a journal, so that nothing finished is lost or done twice."""
