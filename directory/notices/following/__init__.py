"""What follows a notice: changes, endings, withdrawals, questions and answers, on both sides."""
