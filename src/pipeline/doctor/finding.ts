/**
 * What a check of `doctor` comes to. A finding that is not ok says what to do.
 */
export type Finding =
  | { readonly grade: 'ok'; readonly check: string; readonly what: string }
  /** What works, and should not stay so (`warning`), or keeps sessions from being counted or reports from being sent (`broken`). */
  | { readonly grade: 'warning' | 'broken'; readonly check: string; readonly what: string; readonly fix: string };

export type Grade = Finding['grade'];

/** `broken` before `warning` before `ok`. */
export function worstOf(findings: readonly Finding[]): Grade {
  const grades = findings.map(({ grade }) => grade);
  return grades.includes('broken') ? 'broken' : grades.includes('warning') ? 'warning' : 'ok';
}

/** Makes the findings of one check. */
export function findingsOf(check: string): {
  readonly ok: (what: string) => Finding;
  readonly warning: (what: string, fix: string) => Finding;
  readonly broken: (what: string, fix: string) => Finding;
} {
  return {
    ok: (what) => ({ grade: 'ok', check, what }),
    warning: (what, fix) => ({ grade: 'warning', check, what, fix }),
    broken: (what, fix) => ({ grade: 'broken', check, what, fix }),
  };
}
