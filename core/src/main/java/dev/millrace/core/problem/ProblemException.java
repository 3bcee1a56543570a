package dev.millrace.core.problem;

/// Carries a [Problem] out of a place that can only throw, such as opening a node. Its message is
/// the problem's own text, so whoever prints it says what is wrong and how to fix it.
public final class ProblemException extends Exception {
  private final transient Problem problem;

  public ProblemException(Problem problem) {
    super(problem.toString());
    this.problem = problem;
  }

  public ProblemException(Problem problem, Throwable cause) {
    super(problem.toString(), cause);
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
