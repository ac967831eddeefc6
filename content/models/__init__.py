from content.models.blog import ArticlePage, ArticleTag, BlogIndexPage
from content.models.pages import HomePage, PublicPage, StandardPage

__all__ = ["ArticlePage", "ArticleTag", "BlogIndexPage", "HomePage", "PublicPage", "StandardPage"]
